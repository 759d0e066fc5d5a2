(ns shapes)

(defn square [side] (* side side))
