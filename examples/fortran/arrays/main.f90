program arrays
  implicit none
  real :: heights(6) = [1.62, 1.75, 1.80, 1.68, 1.91, 1.73]
  integer :: matrix(3, 3), i

  print '(a, f5.2)', 'mean    ', sum(heights) / size(heights)
  print '(a, i2)', 'tall    ', count(heights > 1.74)
  print '(a, f5.2)', 'tallest ', maxval(heights)
  print '(a, 6f6.2)', 'shifted ', cshift(heights, 2)

  matrix = reshape([(i, i = 1, 9)], [3, 3])
  do i = 1, 3
    print '(3i4)', matrix(i, :)
  end do
  print '(a, 3i5)', 'times (1, 2, 3):', matmul(matrix, [1, 2, 3])
end program arrays
