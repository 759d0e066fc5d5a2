import geometry/shapes

const last {.intdefine.} = 0

for side in 6..last:
  echo "square of ", side, ": ", square(side)
