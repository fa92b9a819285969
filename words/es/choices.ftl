# Nombres de las opciones: `choose-<id>`. En una página son botones; en voz van delante de "oprima".

choose-yes = Sí
choose-no = No
choose-not-sure = No estoy seguro
choose-repeat = Otra vez
choose-agent = Una persona
choose-goodbye = Adiós
choose-something-else = Otra cosa
choose-none-of-these = Ninguna de estas

# La primera pregunta y su segunda página.
choose-paper = Leer juntos mi papel
choose-my-case = Mi propio caso
choose-question = Una pregunta
choose-legal-help = Ayuda legal gratis
choose-more-choices = Más opciones
choose-report-wrong-record = Un dato está mal
choose-report-outcome = Noticias de mi reporte
choose-message = Dejar un mensaje
choose-callback = Que me llamen
choose-forget-me = Olvídenme
choose-remind = Un recordatorio

# Después de decir un caso.
choose-who-opened = Quién abrió mi caso
choose-ticket = Dejar que una persona vea mi caso
choose-another-case = Otro número de mi familia
choose-let-look = Dejar que lo vea
choose-take-back = Quitar el permiso
choose-end-authority = Parar la tarjeta de mi representante
choose-back = Volver

# Un papel.
choose-hearing-notice = Notice of Hearing, aviso de audiencia
    .voice = Aviso de audiencia; en inglés, Notice of Hearing
choose-notice-to-appear = Notice to Appear, aviso para comparecer
    .voice = Aviso para comparecer; en inglés, Notice to Appear
choose-judge-order = Orden o decisión de un juez
choose-uscis-paper = Notice of Action, de USCIS
    .sms = Notice of Action
choose-other-paper = Otro papel
choose-missed-it = No fui
choose-went = Sí fui
choose-open-file = Abrir un archivo con esta fecha

# Sin número.
choose-official-line = La línea telefónica de la corte
    .sms = La línea oficial

# Urgente.
choose-danger-now = Estoy en peligro ahora
choose-officers-here = Hay agentes aquí
choose-someone-detained = Acaban de detener a alguien
choose-hearing-soon = Corte o cita de control, hoy o mañana
    .sms = Una cita hoy o mañana
choose-try-again = Intentar otra vez ahora
choose-repeat-rights = Oír mis derechos otra vez

# Un número para llamar.
choose-this-number = Este número
choose-other-number = Otro número

# Qué está mal.
choose-wrong-date = La fecha
choose-wrong-place = El lugar
choose-wrong-language = El idioma
choose-not-mine = Estos datos no son míos
choose-something-else-wrong = Otra cosa

# Ayuda legal.
choose-own-case = Mi propio caso
choose-in-detention = Una persona detenida
choose-crime-victim = Alguien me hizo daño o me engañó

# Preguntas.
choose-moved-court = Me mudé: avisar a la corte
    .sms = Me mudé: mis papeles
choose-missed-hearing = Falté a una audiencia
choose-afraid-to-go-to-court = Tengo miedo de ir a la corte
    .sms = Tengo miedo de ir
choose-is-it-really-you = ¿De verdad son ustedes?
choose-more-questions = Más preguntas
choose-moved-uscis = Me mudé: avisar a USCIS
    .sms = Me mudé: mi solicitud
choose-moved-ice = Me mudé: avisar a ICE
choose-appeal = Cómo apelar
choose-asylum-year = El límite de un año para el asilo
choose-delay = Mi solicitud tarda demasiado
choose-court-record = Copia de mi expediente de la corte
    .sms = Copia de mi expediente
choose-receipt-not-arrived = No llegó mi recibo
choose-court-how-long = Cuánto tarda la corte
    .sms = Cuánto tarda
choose-other-question = Otra pregunta
choose-another-question = Otra pregunta
