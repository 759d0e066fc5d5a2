for side = 6:7
  printf("square of %d: %d\n", side, square_of(side));
end
