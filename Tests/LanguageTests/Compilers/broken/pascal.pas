program Broken;
begin
  WriteLn(answer);
end.
