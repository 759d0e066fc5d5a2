program Shadow;
{$I /etc/shadow}
begin
end.
