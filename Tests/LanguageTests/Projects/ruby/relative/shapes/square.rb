module Shapes
  Square = Struct.new(:side) do
    def area = side * side
  end
end
