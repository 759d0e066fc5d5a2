unit Shapes;

interface

function Square(Side: Integer): Integer;

implementation

function Square(Side: Integer): Integer;
begin
  Result := Side * Side;
end;

end.
