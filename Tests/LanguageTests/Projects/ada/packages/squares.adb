with Ada.Text_IO;
with Shapes;

procedure Squares is
begin
   for Side in 6 .. 7 loop
      pragma Assert (Shapes.Square (Side) > Side);
      Ada.Text_IO.Put_Line ("square of" & Side'Image & ":" & Shapes.Square (Side)'Image);
   end loop;
end Squares;
