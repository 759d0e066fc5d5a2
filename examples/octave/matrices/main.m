% 2x +  y -  z =   8
% -3x -  y + 2z = -11
% -2x +  y + 2z =  -3
A = [2 1 -1; -3 -1 2; -2 1 2];
b = [8; -11; -3];

x = A \ b;
printf("x = %.0f, y = %.0f, z = %.0f\n", x);
printf("the equations hold: %d\n", norm(A * x - b) < 1e-9);
printf("determinant %.0f, rank %d\n", det(A), rank(A));

squares = (1:5) .^ 2;
disp(squares);
disp(squares(mod(squares, 2) == 1));
