from scipy.optimize import minimize, rosen, rosen_der

start = [-1.2, 1.0]
for method, options in [("Nelder-Mead", {}), ("BFGS", {"jac": rosen_der})]:
    result = minimize(rosen, start, method=method, **options)
    x, y = result.x
    print(f"{method:11}  minimum at ({x:.3f}, {y:.3f}), found: {result.success}")
