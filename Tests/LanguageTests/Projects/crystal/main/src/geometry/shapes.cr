module Geometry
  def self.square(side)
    side * side
  end
end
