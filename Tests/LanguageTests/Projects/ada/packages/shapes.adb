package body Shapes is
   function Square (Side : Integer) return Integer is
   begin
      return Side * Side;
   end Square;
end Shapes;
