(def visits (atom {}))

(defn visit! [page]
  (swap! visits update page (fnil inc 0)))

(let [work (doall (for [_ (range 10)]
                    (future
                      (dotimes [n 1000]
                        (visit! (if (zero? (mod n 4)) :about :home))))))]
  (run! deref work))

(println (into (sorted-map) @visits))
(println "in all" (reduce + (vals @visits)))
(shutdown-agents)
