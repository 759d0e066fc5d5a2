program Shifts;

type
  Day = (Monday, Tuesday, Wednesday, Thursday, Friday);
  Days = set of Day;
  Person = record
    Name: string;
    Works: Days;
  end;

const
  Names: array[Day] of string = ('Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday');

var
  Staff: array[1..3] of Person;
  Today: Day;
  I: Integer;
  Free: Days;

begin
  Staff[1].Name := 'Ada';  Staff[1].Works := [Monday, Wednesday, Friday];
  Staff[2].Name := 'Ben';  Staff[2].Works := [Monday .. Wednesday];
  Staff[3].Name := 'Cleo'; Staff[3].Works := Staff[1].Works * Staff[2].Works;

  Free := [Monday .. Friday];
  for I := 1 to 3 do Free := Free - Staff[I].Works;

  for Today := Monday to Friday do
  begin
    Write(Names[Today], ':');
    for I := 1 to 3 do
      if Today in Staff[I].Works then Write(' ', Staff[I].Name);
    if Today in Free then Write(' nobody');
    WriteLn;
  end;
end.
