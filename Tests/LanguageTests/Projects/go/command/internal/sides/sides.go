package sides

var All = []int{6, 7}
