return { square = function(side) return side * side end }
