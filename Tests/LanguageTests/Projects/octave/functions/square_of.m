function area = square_of(side)
  area = side^2;
end
