program heat
  implicit none
  integer, parameter :: places = 21, middle = 11, steps = 120
  real, parameter :: speed = 0.25
  real :: rod(places) = 0
  integer :: step, place

  rod(middle) = 100
  do step = 0, steps
    if (mod(step, 40) == 0) then
      print '(a, i4)', 'step', step
      do place = middle - 5, middle + 5, 2
        print '(f6.1, 1x, a)', rod(place), repeat('#', nint(rod(place)) / 2)
      end do
    end if
    rod(2:places - 1) = rod(2:places - 1) &
      + speed * (rod(1:places - 2) - 2 * rod(2:places - 1) + rod(3:places))
  end do
end program heat
