program App;
uses Shapes;
const
{$ifdef SEVEN}
  Last = 7;
{$endif}
var
  Side: Integer;
begin
  for Side := 6 to Last do
    WriteLn('square of ', Side, ': ', Square(Side));
end.
