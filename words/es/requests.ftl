# Archivos, reportes, recordatorios, olvidar.

open-file-ask = Podemos guardar esta fecha para que usted la oiga otra vez. Guardamos la fecha y la hora, sin nombre, unos 90 días. Usted recibe un recibo de 16 dígitos: tenga un lápiz a mano. ¿Abrimos un archivo?
    .sms = Podemos guardar esta fecha para usted, sin nombre. ¿Lo hacemos?
    .voice = Podemos guardar esta fecha para que usted la oiga otra vez. Guardamos la fecha y la hora, sin nombre, unos noventa días. Usted recibe un recibo de dieciséis dígitos: tenga un lápiz a mano. ¿Abrimos un archivo?
word-key-wanted-ask = ¿Quiere cerrar el archivo con 4 dígitos que solo usted sepa?
    .voice = ¿Quiere cerrar el archivo con cuatro dígitos que solo usted sepa?
word-key-new-ask = Dé 4 dígitos que va a recordar.
    .voice = Marque cuatro dígitos que va a recordar.
file-receipt-is = Su recibo de archivo: { $digits }.
    .voice = Su recibo de archivo es: { $digits }.
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
file-receipt-once = Solo lo decimos ahora. Guárdelo bien.
file-next-ask = Su archivo está abierto. ¿Qué quiere hacer ahora?
file-not-here = Esta línea no abre archivos. No se guardó nada.
what-is-wrong-ask = ¿Qué está mal?
report-needs-case = Para reportar un dato que está mal, primero abrimos su caso.
report-not-mine = Puede ser de otra persona. No se guíe por esos datos. Hable con un abogado antes de decírselo a nadie más. Vaya a las fechas de sus propios papeles.
report-code-is = Su código de reporte: { $digits }.
    .voice = Su código de reporte es: { $digits }.
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
report-taken = Una persona de esta línea lee su reporte. No mandamos nada a ninguna agencia. Le decimos qué puede hacer usted. Llámenos con su código para saber qué pasó.
report-code-ask = Dé los 16 dígitos de su código de reporte.
    .voice = Marque los dieciséis dígitos de su código de reporte.
report-state-taken = Su reporte del { $taken } está guardado. Nadie lo ha leído todavía.
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
report-state-in-hand = Una persona trabaja en su reporte del { $taken }, desde el { $since }.
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
report-state-answered = Su reporte del { $taken } tiene respuesta desde el { $since }. Una persona puede decirle qué hacer.
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
report-state-corrected = El dato que usted reportó el { $taken } apareció corregido el { $since }. Guarde sus papeles.
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
report-state-closed = Su reporte del { $taken } se cerró el { $since } sin corrección. Una persona puede decirle por qué.
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
remind-ask = Podemos mandarle un mensaje antes de la fecha. No dice nada de usted. Guardamos el número hasta mandarlo. ¿A qué número?
remind-phone-ask = Dé el número de teléfono para el mensaje, con 10 dígitos.
    .voice = Marque el número de teléfono para el mensaje, con diez dígitos.
remind-set = Guardado. El mensaje solo dice que usted tiene un mensaje.
remind-not-set = No pudimos guardarlo. No le va a llegar ningún mensaje. Lo sentimos.
forget-receipt-ask = Para olvidar su archivo, dé sus 16 dígitos, o su número A.
    .voice = Para olvidar su archivo, marque sus dieciséis dígitos, o los dígitos de su número A.
forget-ask = Destruimos lo que guardamos de su caso, ahora y para siempre. Los datos de la corte siguen allí. ¿Lo hacemos?
    .sms = Destruimos lo que guardamos de usted, ahora y para siempre. ¿Lo hacemos?
forget-nothing-kept = Sin recibo ni tarjeta no podemos encontrar nada de usted. No guardamos nombres. Una persona puede ayudarle.
forgotten-file =
    { $count-count ->
        [one] Se destruyó un archivo.
       *[other] Se destruyeron { $count } archivos.
    }
forgotten-case =
    { $count-count ->
        [one] Se destruyó un expediente.
       *[other] Se destruyeron { $count } expedientes.
    }
forgotten-card =
    { $count-count ->
        [one] Se destruyó una tarjeta.
       *[other] Se destruyeron { $count } tarjetas.
    }
forgotten-ticket =
    { $count-count ->
        [one] Se destruyó un permiso para un escritorio.
       *[other] Se destruyeron { $count } permisos para escritorios.
    }
forgotten-passkey =
    { $count-count ->
        [one] Se destruyó una llave de un aparato.
       *[other] Se destruyeron { $count } llaves de aparatos.
    }
forgotten-reminder =
    { $count-count ->
        [one] Se destruyó un recordatorio.
       *[other] Se destruyeron { $count } recordatorios.
    }
forgotten-report =
    { $count-count ->
        [one] Se destruyó un reporte.
       *[other] Se destruyeron { $count } reportes.
    }
forgotten-nothing-left = Aquí ya no queda nada de usted, y nadie de la oficina puede abrirlo.
