# Cómo pregunta la línea: teclas, paciencia, repetir lo que se dio. Lo dice el motor en todas las conversaciones.
# Todos los textos son borradores: ninguna persona con nombre los ha revisado.

press-for = { $label }: { $key }
    .sms = { $key }: { $label }
    .voice = { $label }: oprima { $key }.
press-key = { $key }
    .voice = Oprima { $key }.
press-pound = Después oprima #.
    .voice = Después oprima la tecla de número.
not-understood = No entendimos eso.
still-there = ¿Sigue ahí?
anyone-there = ¿Hola? Si hay alguien, diga una palabra u oprima cualquier tecla.
person-hint = Para hablar con una persona: 0.
    .voice = Para hablar con una persona, oprima cero en cualquier momento.
urgent-hint = Si es urgente: 9.
    .voice = Si es urgente, oprima nueve.
repeat-hint = Para ver esto otra vez: *.
    .voice = Para oír esto otra vez, oprima asterisco.
read-back-digits = Usted dio { $digits }.
    .sms = Tenemos su número.
    .voice = Usted dio: { $digits }.
read-back-date = Usted dio { $date }.
    .sms = Tenemos su fecha.
    .voice = Usted dio: { $date }.
read-back-time = Usted dio { $time }.
    .sms = Tenemos su hora.
    .voice = Usted dio: { $time }.
read-back-ask = ¿Es correcto?
apology = Algo falló de nuestro lado. Lo sentimos.
line-closing = Esta línea tiene que parar un rato. Lo sentimos. Llame otra vez en unos minutos.
not-possible-now = No pudimos hacer eso ahora. No se guardó nada. Lo sentimos.
