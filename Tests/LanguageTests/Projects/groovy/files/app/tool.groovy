def shapes = new GroovyShell().evaluate(new File("lib/shapes.groovy"))

for (side in 6..7) println "square of $side: ${shapes.square(side)}"
