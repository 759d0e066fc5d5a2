source ${0:h}/../lib/shapes.zsh

for side in 6 7; do print "square of $side: $(square $side)"; done
