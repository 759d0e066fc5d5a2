module Geometry.Shapes (square) where

square :: Int -> Int
square side = side * side
