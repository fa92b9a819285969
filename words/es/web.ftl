# La página pública y el marco del chat. Las claves que empiezan con `web-` son solo para la pantalla: ningún flujo las
# nombra, ningún mensaje y ninguna voz las dice; por eso tienen una sola forma.

# En todas las páginas.
web-skip = Ir a la parte principal
web-leave = Salir rápido
web-languages = Idiomas
web-first-page = Ir a la primera página
web-demo = Solo una demostración: personas inventadas y textos que nadie ha revisado. No se fíe de ellos.

# La página pública.
web-call-heading = Llámenos
web-call-language = Por teléfono puede elegir su idioma.
web-chat-heading = O escríbanos aquí
web-chat-about = Usted oprime botones y lee. Es la misma ayuda que por teléfono.
web-chat-start = Empezar el chat
web-chat-other-language = Chat en otro idioma
web-chat-open = Tiene un chat abierto.
web-chat-go-on = Seguir con mi chat
web-chat-anew = Empezar un chat nuevo
web-who-heading = Quiénes somos
web-what-heading = Qué puede hacer aquí
web-what-case = Saber qué dicen nuestras fuentes de su propio caso, con la fuente y la fecha.
web-what-paper = Leer un papel junto con nosotros. No guardamos nada.
web-what-question = Hacer una pregunta y recibir una respuesta revisada.
web-what-legal-help = Encontrar ayuda legal gratis.
web-what-wrong = Decirnos que un dato sobre usted está mal.
web-what-person = Pedir que una persona le llame, o dejar un mensaje.
web-urgent-heading = Urgente
web-safe-heading = Use esta página con cuidado
web-safe-others = Otras personas que usan este teléfono o computadora pueden ver que usted estuvo aquí. Es más seguro usar una ventana privada, o un teléfono que solo usa usted.
web-safe-leave = “Salir rápido” termina el chat y abre otra página. El botón Atrás y el historial todavía pueden mostrar esta.
web-safe-kept = Esta página no usa programas en su navegador y no carga nada de otras empresas. Sus dos cookies se van cuando usted cierra el navegador.

# El marco del chat.
web-chat-title = Chat
web-said-heading = Lo que decimos
web-answer-heading = Su respuesta
web-find-language = Busque su idioma
web-send = Enviar
web-skip-value = No tengo esto
web-skip-words = No quiero escribir
web-always-heading = En cualquier momento
web-person = Hablar con una persona
web-urgent = Ayuda urgente
web-again = Mostrar esto otra vez
web-call-instead = También puede llamarnos: { $phone }
web-no-ringing = Esta página no puede llamar a una persona por usted. Para hablar ahora con una persona, llame al { $phone }.
web-month = Mes
web-day = Día
web-year = Año
web-value = Su respuesta
web-hint-date = Como está impresa en su papel.
web-hint-time = Hora y minutos, como en su papel.
web-hint-number = Un número A tiene 8 o 9 dígitos.
web-hint-receipt = 16 dígitos.
web-hint-receipt-or-number = El recibo de su archivo tiene 16 dígitos. Un número A tiene 8 o 9.
web-hint-code = 10 dígitos: 2 de la fila, luego 8.
web-hint-phone = 10 dígitos, con el código de área.
web-hint-desk = 3 dígitos.
web-hint-word-key = 4 dígitos.
web-hint-words = No más de 1,000 letras.
web-already-sent = Eso ya lo tenemos. Aquí estamos ahora.
web-over-heading = Este chat terminó
web-over-about = Puede empezar uno nuevo, o llamarnos.
web-idle = Un chat se cierra si no llega nada por mucho tiempo. No guardamos nada de lo que escribió, a menos que le hayamos dicho que lo guardamos.

# Passkeys: a key that a device makes for a case. What the device lists says nothing of it.
web-passkey-use = Abrir con la llave de este aparato
web-passkey-offer = La próxima vez, abra su caso en este aparato sin tarjeta
web-passkey-heading = Abrir su caso sin tarjeta
web-passkey-about = Este aparato puede hacer una llave para su caso. La próxima vez lo abre el dedo, la cara o el PIN de este aparato, sin número y sin código.
web-passkey-others = Toda persona que pueda desbloquear este aparato podrá entonces abrir también su caso. No lo haga en un teléfono o computadora que otras personas puedan desbloquear.
web-passkey-listed = El aparato muestra la llave en su lista con la dirección de esta página, y no dice nada más de ella:
web-passkey-make = Hacer una llave en este aparato
web-passkey-code = Un código más de su tarjeta, para saber que usted tiene la tarjeta:
web-passkey-keep = Guardar la llave
web-passkey-kept = Guardado. La próxima vez, donde pedimos su número, oprima “Abrir con la llave de este aparato”. Una tarjeta nueva o “olvídenme” termina esta llave.
web-passkey-refused = Eso no coincide. No se guardó nada. Pruebe otro código de su tarjeta.
web-passkey-full = Tres aparatos ya abren este caso. No se guardó nada.
web-passkey-person = No pudimos guardar la llave. Una persona puede ayudarle. Si el aparato todavía la muestra, no abre nada.
web-passkey-unclear = Necesitamos 10 dígitos: 2 de la fila, luego 8. Todavía no se guardó nada.
web-passkey-trouble = El aparato no dio ninguna llave. Inténtelo otra vez.
web-passkey-scripts = Este paso necesita programas que este navegador no usa. Puede seguir con su tarjeta.

# Cuando algo no funciona.
web-error-heading = Eso no funcionó
web-error-not-found = Aquí no hay tal página.
web-error-method = Esta página no se puede usar así.
web-error-refused = Para protegerle no lo recibimos. La página puede ser vieja, o su navegador puede bloquear las cookies. Abra la primera página e intente otra vez.
web-error-too-large = Era demasiado largo. Vuelva atrás y escriba menos.
web-error-unreadable = No pudimos leer eso. Vuelva atrás e intente otra vez.
web-error-busy = Ahora nos escriben demasiadas personas. Intente otra vez en unos minutos, o llámenos.
web-back-to-chat = Volver a mi chat

# En una página, en lugar de la clave que sigue a `web-says-`: hay campos y botones en lugar de teclas y esperas.
web-says-hearing-date-ask = ¿Cuál es la fecha de la audiencia?
web-says-hearing-time-ask = ¿A qué hora es la audiencia?
web-says-mailed-date-ask = ¿Qué día es?
web-says-word-key-ask = Si eligió 4 dígitos para su archivo, escríbalos aquí. Puede probar una vez.
web-says-language-ask = Elija un idioma.
web-says-goodbye = Gracias por escribir. Adiós.
