# Tecla 9. Corto, y primero lo que más importa.

urgent-ask = Urgente. ¿Qué pasa?
danger-now = Si alguien puede hacerle daño ahora, llame al 911. Es gratis. El 911 manda policía, ambulancia o bomberos a donde usted está. Le preguntan dónde está. No tiene que decir dónde nació. Si alguien en casa le hace daño: 1-800-799-7233. Si ya no puede más: 988. Todos son gratis, de día y de noche.
    .sms = En peligro: llame al 911, para policía, ambulancia o bomberos. Es gratis. Si ya no puede más: 988. Llámenos para oír más.
    .voice = Si alguien puede hacerle daño ahora, cuelgue y llame al nueve uno uno. Es gratis. Manda policía, ambulancia o bomberos a donde usted está. Le preguntan dónde está. No tiene que decir dónde nació. Si alguien en casa le hace daño: uno, ochocientos, siete nueve nueve, siete dos tres tres. Si ya no puede más: nueve ocho ocho. Todos son gratis, de día y de noche.
rights = Calma. No corra. Puede guardar silencio. Diga: quiero un abogado. No firme nada. No mienta. En casa, no abra la puerta. Pida que pasen por debajo un papel firmado por un juez.
someone-detained = Lo sentimos. No nos diga un nombre. Si esa persona le llama: puede guardar silencio y pedir un abogado. No debe firmar nada sin abogado. Ese teléfono puede estar grabado.
detained-steps = Usted mismo puede buscar a esa persona. Busque en internet: ICE detainee locator. Necesita el país donde nació y su número A o su nombre completo. Puede tardar un día en aparecer. Tenga listos: su número, sus papeles, sus medicinas. Un abogado puede pedir una fianza: dinero con el que algunas personas esperan en casa. La persona puede llamar a su consulado. Si hay niños solos, pida a alguien de confianza que los cuide. No pague a nadie que prometa sacarla rápido.
    .sms = Llámenos para oír esto.
hearing-soon = Si es una audiencia de la corte, vaya, y vaya temprano. Si falta, un juez puede ordenar su deportación. Si va tarde o se enfermó, llame ahora a la corte, al número de su papel, y guarde prueba. Si es una cita con agentes, hable con un abogado antes de ir.
    .sms = Llámenos para oír esto.
urgent-wait = Estamos llamando a una persona para usted. Espere, por favor.
urgent-nobody = Nadie contestó ahora. Lo sentimos. Si está en peligro, llame al 911. Siempre contesta. Si ya no puede más, llame al 988. Si deja un mensaje aquí, nuestro personal lo oye cuando vuelve al trabajo, no antes.
    .sms = Nadie contestó ahora. Si está en peligro, llame al 911. Si ya no puede más: 988. Un mensaje aquí se oye cuando volvemos al trabajo, no antes.
    .voice = Nadie contestó ahora. Lo sentimos. Si está en peligro, llame al nueve uno uno. Siempre contesta. Si ya no puede más, llame al nueve ocho ocho. Si deja un mensaje aquí, nuestro personal lo oye cuando vuelve al trabajo, no antes.
danger-nobody = Aquí nadie contestó. Llame ahora al 911 si alguien puede hacerle daño. Si alguien en casa le hace daño: 1-800-799-7233. Si ya no puede más: 988. Contestan de día y de noche. Un mensaje aquí se oye solo cuando nuestro personal vuelve al trabajo.
    .sms = Aquí nadie contestó. En peligro: llame al 911. Si ya no puede más: 988.
    .voice = Aquí nadie contestó. Llame ahora al nueve uno uno si alguien puede hacerle daño. Si alguien en casa le hace daño: uno, ochocientos, siete nueve nueve, siete dos tres tres. Si ya no puede más: nueve ocho ocho. Contestan de día y de noche. Un mensaje aquí se oye solo cuando nuestro personal vuelve al trabajo.
urgent-nobody-ask = ¿Qué quiere hacer ahora?
urgent-message-left = Su mensaje está guardado. Nuestro personal lo oye cuando vuelve al trabajo. Si antes está en peligro, llame al 911.
    .voice = Su mensaje está guardado. Nuestro personal lo oye cuando vuelve al trabajo. Si antes está en peligro, llame al nueve uno uno.

# Desde adentro.
custody-recorded = La cárcel puede grabar este teléfono. No nos diga los hechos de su caso.
custody-first = Otra vez: pueden grabar este teléfono. No nos diga los hechos de su caso. No necesita teclas. Puede guardar silencio y pedir un abogado. No firme nada sin abogado.
custody-nobody = Nadie contestó. Lo sentimos. No podemos llamarle allí. Llámenos otra vez: vuelve a este mismo punto.
custody-message-ask = Puede dejar un mensaje. No diga los hechos de su caso. Nuestro personal lo oye cuando vuelve al trabajo.
