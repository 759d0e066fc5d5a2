f = @(x) exp(-x .^ 2);
exact = sqrt(pi) / 2 * erf(2);

function area = simpson(f, a, b, n)
  x = linspace(a, b, 2 * n + 1);
  weights = [1, repmat([4 2], 1, n - 1), 4, 1];
  area = sum(weights .* f(x)) * (b - a) / (6 * n);
end

for n = [2 4 8 16]
  x = linspace(0, 2, n + 1);
  printf("%3d parts: trapezoids %.1e off, Simpson %.1e off\n", n, abs(trapz(x, f(x)) - exact), ...
         abs(simpson(f, 0, 2, n) - exact));
end
printf("library:   %.1e off\n", max(abs(quadgk(f, 0, 2) - exact), 1e-15));
