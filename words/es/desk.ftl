# Quién abrió el caso, y a quién de la oficina se le deja verlo.

case-more-ask = Más sobre su caso.
case-closed = Este caso ya está cerrado. Ahora el otro número, con su propio código.
openings-intro = Su caso se abrió estos días, primero el más reciente.
openings-none = No tenemos ningún día en que se abriera su caso.
opened-on = El { $date }:
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
opened-by-line = aquí, con su código o recibo.
opened-by-representative = aquí, con la tarjeta de su representante.
opened-by-navigator = una persona de nuestra oficina que ayuda y no es abogada.
opened-by-accredited = un representante acreditado de nuestra oficina.
opened-by-attorney = un abogado de nuestra oficina.
opened-by-staff = otra persona de nuestro personal.
openings-earlier =
    { $count-count ->
        [one] Y un día anterior.
       *[other] Y { $count } días anteriores.
    }
openings-not-you = ¿Alguna vez no fue usted? Una persona puede ayudarle a pedir otra tarjeta.
ticket-ask = Una persona de nuestra oficina puede ver su caso por usted. Ella le dice los tres dígitos de su escritorio. ¿Qué quiere hacer?
desk-ask = Dé los 3 dígitos del escritorio.
    .voice = Marque los tres dígitos del escritorio.
read-back-desk = El escritorio { $digits } y su suplente pueden abrir su caso, hasta el { $date }.
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
no-such-desk-ask = No tenemos ese escritorio. No se guardó nada. Pida otra vez los dígitos a la persona.
ticket-left = Guardado. El escritorio { $digits } puede abrir su caso una vez, hasta el { $date }.
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
ticket-deputy = También puede el suplente, escritorio { $digits }.
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
ticket-take-back = Puede quitar este permiso aquí cuando quiera.
tickets-withdrawn = Ya nadie de la oficina puede abrir su caso.
end-authority-ask = Ninguna tarjeta de un representante va a abrir su caso. Para dejarlo entrar otra vez, venga a nuestra oficina. ¿Lo hacemos?
authorities-ended = Ya ninguna tarjeta de un representante abre su caso.
