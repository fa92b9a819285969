# Un papel leído juntos. No se guarda nada.

which-paper-ask = Mire las letras grandes de arriba de su papel. ¿Qué dicen?
paper-is-hearing-notice = Este papel viene de la corte de inmigración. Dice cuándo y dónde lo ve un juez. El cuadro de arriba a la derecha tiene su número.
    .sms = Llámenos para oír esto.
paper-is-notice-to-appear = Este papel comienza un caso en la corte de inmigración. Dice por qué el gobierno quiere que usted se vaya. Usted puede responder ante un juez. Busque una fecha y una hora cerca del final de la primera página.
    .sms = Llámenos para oír esto.
date-printed-ask = ¿Tiene el papel una fecha y una hora?
paper-no-date = Un caso puede seguir aunque el papel no tenga fecha. La corte manda la fecha a la última dirección que tiene. Si se muda, avise a la corte en 5 días. Revise cada semana en la línea de la corte, 1-800-898-7180. Hable pronto con un abogado: el límite de un año para el asilo sigue corriendo.
    .voice = Un caso puede seguir aunque el papel no tenga fecha. La corte manda la fecha a la última dirección que tiene. Si se muda, avise a la corte en cinco días. Revise cada semana en la línea de la corte: uno, ochocientos, ocho nueve ocho, siete uno ocho cero. Hable pronto con un abogado: el límite de un año para el asilo sigue corriendo.
    .sms = Llámenos para oír esto.
paper-is-order = Este papel puede ser la decisión de un juez. Los plazos pueden ser muy cortos. Muéstrelo hoy a un abogado. Guárdelo, y guarde su sobre. Vaya a toda cita que le dieron.
paper-is-uscis = Este papel viene de USCIS, donde se presentan las solicitudes. Un plazo solo está en el papel, no en internet. Si le pide algo, muéstrelo a un abogado antes de esa fecha. Guarde el papel y su sobre.
    .sms = Llámenos para oír esto.
paper-is-other = Una persona puede leerlo con usted.
hearing-date-ask = Dé la fecha de la audiencia: mes, día, año. Para el 5 de abril de 2027: 04052027.
    .sms = Mande la fecha del papel: mes, día, año. El 5 de abril de 2027 es 04052027.
    .voice = Marque la fecha de la audiencia: primero dos dígitos del mes, después dos del día y cuatro del año.
hearing-time-ask = Dé la hora con 4 dígitos, como 0830. Si no hay, espere.
    .voice = Marque la hora con cuatro dígitos: cero ocho tres cero es las ocho y media. Si no hay, espere.
mailed-printed-ask = ¿Muestra el papel o su sobre el día en que lo mandaron?
mailed-date-ask = Dé ese día: mes, día, año.
    .voice = Marque ese día: primero dos dígitos del mes, después dos del día y cuatro del año.
paper-in-days =
    { $days-count ->
        [one] Su papel dice { $date }. Falta un día.
       *[other] Su papel dice { $date }. Faltan { $days } días.
    }
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
paper-today = Es hoy. Vaya ahora.
paper-tomorrow = Es mañana. Vaya, y vaya temprano.
paper-past = El día de su papel, { $date }, ya pasó.
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
paper-no-time = No tenemos la hora de su papel. Llame a la corte y pregunte. Si no puede comunicarse, vaya temprano en la mañana y lleve el papel.
    .sms = Llámenos para oír esto.
paper-duties = Vaya a toda cita de la corte que tenga. Guarde el papel y su sobre. Si se muda, avise a la corte en 5 días. Las fechas pueden cambiar: revise cada semana.
    .voice = Vaya a toda cita de la corte que tenga. Guarde el papel y su sobre. Si se muda, avise a la corte en cinco días. Las fechas pueden cambiar: revise cada semana.
    .sms = Llámenos para oír esto.
other-appointment-ask = ¿Tiene ese mismo día otra cita con el gobierno: una presentación, huellas o una entrevista?
paper-next-ask = ¿Qué quiere hacer ahora?
paper-soon-ask = ¿Quiere hablar ahora con una persona?
paper-past-ask = ¿Fue usted ese día?
paper-missed = Faltar a una audiencia puede traer una orden de deportación. Puede haber formas de pedir que un juez lo revise. Los plazos son cortos. Hable hoy con un abogado. Guarde el papel y su sobre. Vaya a toda fecha que tenga después.
    .sms = Llámenos para oír esto.
paper-went = Qué bueno que fue. Puede haber otra fecha, o un plazo. Guarde todo papel que le dieron allí. Hable con un abogado sobre lo que sigue.
paper-lawyer-ask = ¿Qué quiere hacer ahora?
paper-later = La fecha de su papel es el { $date }. Faltan más de tres meses.
    .sms = Tenemos noticias para usted. Llámenos.
