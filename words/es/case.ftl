# El propio caso: cada dato con su fuente y su edad. `.sms` no dice nada de él.

case-agreed = Nuestras fuentes coinciden.
case-single = Ninguna otra fuente nos lo ha dicho.
case-stale = Esto puede ser viejo.
case-disputed = Nuestras fuentes no coinciden.
case-nothing = No tenemos ninguna fecha para usted ahora. Eso no quiere decir que no haya. Siga preguntando a la corte y tenga su dirección al día.
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
hearing-is = Su próxima audiencia: { $date }, { $time }.
    .voice = Su próxima audiencia es el { $date }, { $time }.
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
hearing-is-day = Su próxima audiencia: { $date }. No se sabe la hora.
    .voice = Su próxima audiencia es el { $date }. No se sabe la hora.
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
hearing-one-says = Una fuente dice: { $date }, { $time }.
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
hearing-one-says-day = Una fuente dice: { $date }, sin hora.
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
hearing-one-says-none = Una fuente no muestra ninguna audiencia.
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
hearing-none = No vemos una próxima audiencia. Eso no quiere decir que no haya. Pregunte a la corte antes de quedarse en casa.
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
hearing-kind-master = Es una audiencia corta para planear su caso. Vaya aunque sea corta.
hearing-kind-individual = Es la audiencia en que el juez escucha su caso. Lleve sus papeles y sus testigos.
hearing-in-person = Usted va en persona.
hearing-video = Es por video. Su aviso dice cómo.
hearing-telephone = Es por teléfono. Su aviso dice cómo.
hearing-court = La corte: { $court }. Mire la dirección en su aviso.
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
hearing-detained-docket = Está en la lista de personas detenidas. La dirección está en su aviso.
source-notice =
    { $days-count ->
        [0] De su propio aviso, como usted nos dijo hoy, { $date }.
        [one] De su propio aviso, como usted nos dijo el { $date }, hace un día.
       *[other] De su propio aviso, como usted nos dijo el { $date }, hace { $days } días.
    }
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
source-court-line =
    { $days-count ->
        [0] De la línea telefónica de la corte, como usted nos dijo hoy, { $date }.
        [one] De la línea telefónica de la corte, como usted nos dijo el { $date }, hace un día.
       *[other] De la línea telefónica de la corte, como usted nos dijo el { $date }, hace { $days } días.
    }
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
source-court-feed =
    { $days-count ->
        [0] De los datos de la corte de hoy, { $date }.
        [one] De los datos de la corte del { $date }, hace un día.
       *[other] De los datos de la corte del { $date }, hace { $days } días.
    }
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
source-uscis =
    { $days-count ->
        [0] De USCIS, hoy, { $date }.
        [one] De USCIS, el { $date }, hace un día.
       *[other] De USCIS, el { $date }, hace { $days } días.
    }
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
safe-two-dates = Guarde las dos fechas. Vaya el { $first }. Aunque ese día no pase nada, vaya también el { $second }, a menos que la corte le diga por escrito que se canceló. Pida un papel cada vez.
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
safe-one-date = Vaya el { $date }, a la hora más temprana que oyó. La audiencia queda cancelada solo si la corte lo dice por escrito. Pida un papel.
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
safe-ask-first = No se guíe por una sola. Pregunte a una persona de esta línea, o a un abogado.
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
safe-check-court = Pregunte a la corte antes de hacer planes, y vaya si no puede comunicarse con ella.
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
custody-detained = El expediente de la corte dice que usted está detenido.
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
custody-released = El expediente de la corte dice que usted salió libre.
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
custody-never-detained = El expediente de la corte dice que usted no estuvo detenido.
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
court-language-is = El expediente de la corte dice que su idioma es { $language }. Si no es así, díganoslo.
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
filing-status-is = USCIS dice: { $status }. Un plazo solo está en el papel que mandan por correo.
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.

receipt-or-number-ask = Dé los 16 dígitos de su recibo de archivo, o su número A.
    .voice = Marque los dieciséis dígitos de su recibo de archivo, o los dígitos de su número A.
code-ask = Tome su tarjeta. Dé los 2 dígitos de una fila sin usar y después sus 8 dígitos.
    .voice = Tome su tarjeta. Marque los dos dígitos de una fila sin usar y después sus ocho dígitos.
word-key-ask = Si eligió 4 dígitos para su archivo, délos ahora. Puede probar una vez. Si no, espere.
    .voice = Si eligió cuatro dígitos para su archivo, márquelos ahora. Puede probar una vez. Si no, espere.
not-opened = Con eso no pudimos abrir un caso. Revíselo e intente otra vez. Si tiene tarjeta y un código no sirve, dé la fila siguiente en la misma llamada o el mismo chat.
    .voice = Con eso no pudimos abrir un caso. Revíselo e intente otra vez. Si tiene tarjeta y un código no sirve, marque la fila siguiente en la misma llamada.
not-opened-person = Con eso no pudimos abrir un caso. Una persona puede ayudarle.
no-number-ask = Sin recibo ni tarjeta no podemos abrir un caso. Igual podemos ayudarle.
official-line = La línea telefónica de la corte dice la próxima audiencia: 1-800-898-7180. Es gratis, a toda hora, en inglés y español. Usted marca su número A. Puede estar atrasada o equivocada: valen sus papeles.
    .sms = Llámenos para oír esto.
    .voice = La línea telefónica de la corte dice la próxima audiencia: uno, ochocientos, ocho nueve ocho, siete uno ocho cero. Otra vez: uno, ochocientos, ocho nueve ocho, siete uno ocho cero. Es gratis, a toda hora, en inglés y español. Usted marca su número A. Puede estar atrasada o equivocada: valen sus papeles.
case-next-ask = ¿Qué quiere hacer ahora?
decision-removal-order = El registro muestra una orden de deportación del { $date }. Hable con un abogado antes de hacer otra cosa.
    .sms = Tenemos noticias para usted. Llámenos.
decision-relief = El registro muestra que el juez concedió una protección el { $date }. Enseñe sus papeles a un abogado.
    .sms = Tenemos noticias para usted. Llámenos.
decision-closed = El registro muestra que un caso se cerró el { $date }. Guarde sus papeles y pregunte a un abogado qué significa.
    .sms = Tenemos noticias para usted. Llámenos.
decision-voluntary-departure = El registro muestra una salida voluntaria del { $date }. Tiene un último día. Hable hoy con un abogado.
    .sms = Tenemos noticias para usted. Llámenos.
decision-other = El registro muestra una decisión del { $date }. Pregunte a un abogado qué significa para usted.
    .sms = Tenemos noticias para usted. Llámenos.
