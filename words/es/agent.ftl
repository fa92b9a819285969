# Se dice a la persona del personal que contesta, en su idioma. No lleva ningún dato de quien llama.

agent-offer = Línea de ayuda. Llama alguien que habla { $language }. { $need }.
agent-accept-ask = Oprima 1 para tomar la llamada.
    .voice = Oprima uno para tomar la llamada.
agent-connected = Están conectados.
agent-interpreter-here = El intérprete está en la línea.
agent-interpreter-coming = Estamos llamando a un intérprete. Espere, por favor.
agent-interpreter-none = Ningún intérprete puede venir ahora. Puede seguir sin intérprete.
# Se dice al intérprete que contesta, mientras se llama al personal.
interpreter-asked = Línea de ayuda. Alguien que habla { $language } necesita un intérprete. Espere a nuestro personal, por favor.
agent-message-code-ask = Dé su código del personal.
    .voice = Marque su código del personal.
agent-message-none = No hay mensajes.
agent-message-next =
    { $days-count ->
        [0] El siguiente mensaje es de hoy.
        [one] El siguiente mensaje es de hace un día.
       *[other] El siguiente mensaje es de hace { $days } días.
    }
agent-message-after-ask = ¿El mensaje está atendido?
choose-message-done = Atendido
choose-message-again = Otra vez
agent-message-kept = El mensaje se queda.
agent-message-gone = El mensaje se va a borrar.

need-person = Quiere hablar con una persona
need-interpreter = Necesita un intérprete
need-callback = Pidió que le llamen
need-message = Dejó un mensaje
need-urgent = Urgente
need-danger-now = Urgente: está en peligro ahora
need-officers-here = Urgente: hay agentes ahí ahora
need-someone-detained = Urgente: acaban de detener a alguien
need-hearing-soon = Urgente: corte o cita de control, hoy o mañana
need-callback-urgent = Pidió que le llamen. Urgente
need-callback-danger-now = Pidió que le llamen. Urgente: está en peligro
need-callback-officers-here = Pidió que le llamen. Urgente: llegaron agentes
need-callback-someone-detained = Pidió que le llamen. Urgente: detuvieron a alguien
need-callback-hearing-soon = Pidió que le llamen. Urgente: corte o cita de control, ese día o el siguiente
need-from-custody = Urgente: llama desde la detención, pueden grabar el teléfono
