@include "lib/shapes.awk"

BEGIN { for (side = 6; side <= 7; side++) print "square of " side ": " square(side) }
