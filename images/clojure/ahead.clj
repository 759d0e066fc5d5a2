;; Loads what common programs need. In a sandbox that is prepared ahead the program is not there yet, and there is time; listing
;; the directory is no look at it. Nothing here may start a thread: the virtual machine would wait for it at the end.
(when-not (some #{"main.clj"} (.list (java.io.File. ".")))
  (binding [*ns* (create-ns 'ahead)]
    (refer 'clojure.core)
    (with-in-str "line\n"
      (with-out-str
        (load-string "
          (require '[clojure.string :as string] '[clojure.set :as set])
          (defprotocol Shape (area [this]))
          (defrecord Circle [radius] Shape (area [_] (* Math/PI radius radius)))
          (defmulti kind :kind)
          (defmethod kind :default [{:keys [name] :or {name 1}}] (str name))
          (defn sum [[head & tail]] (if head (+ head (sum tail)) 0))
          (let [words (frequencies (string/split (read-line) #\"\\s+\")) state (atom {:a 1})]
            (swap! state assoc :b (set/union #{1} #{2}))
            (println (sort-by val words) @state (area (->Circle 1)) (kind {}) (sum [1 2]))
            (printf \"%d %s%n\" 1 (format \"%.2f\" 1.0))
            (println (for [x (range 3) :when (odd? x)] (loop [i x n 0] (if (pos? i) (recur (dec i) (+ n i)) n))))
            (println (->> (range 9) (partition 3) (mapv #(apply + %)) (reduce max)) (try (/ 1 0) (catch Exception e (ex-message e))))
            (doseq [[k v] {:a 1}] (prn k v (cond (= v 1) 'one :else 'more) (case v 1 :x :y))))"))))
  (remove-ns 'ahead))
