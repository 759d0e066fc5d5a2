package Shapes is
   function Square (Side : Integer) return Integer;
end Shapes;
