(defmacro endless [] (loop [] (recur)))

(endless)
