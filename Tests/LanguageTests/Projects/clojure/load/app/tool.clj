(load-file "lib/shapes.clj")

(doseq [side [6 7]] (println (str "square of " side ": " (shapes/square side))))
