square <- function(side) side^2
