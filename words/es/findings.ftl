# Lo que notó una revisión y lo seguro que hay que hacer. Nada aquí dice cómo terminará un caso.

finding-hearing-dates-disagree = Dos fuentes dan dos fechas u horas distintas para su audiencia. Guarde las dos.
finding-medium-disagrees = No podemos saber si usted va en persona. Pregunte a la corte. Si no puede comunicarse, esté listo para ir.
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
finding-impossible-hearing-date = La fecha de su papel quizá no sea una fecha real de la corte. No la ignore. Llame a la corte. Vaya ese día si no la cambiaron.
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
finding-not-on-calendar = El sistema de la corte todavía no muestra esta fecha. Puede aparecer a última hora. Revise cada día. Vaya ese día.
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
finding-notice-too-late = Quizá el aviso llegó demasiado tarde. Guarde el sobre. Hable hoy con un abogado. Vaya a toda fecha que todavía venga.
finding-hearing-moved-earlier = Su audiencia se ADELANTÓ. Otra vez: su audiencia se adelantó. Vaya en la nueva fecha, que es antes.
finding-hearing-vanished = Ya no vemos su audiencia. Eso no quiere decir que se canceló. Pregunte a la corte antes de quedarse en casa.
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
finding-stale = No pudimos obtener datos más nuevos. Pregunte a la corte. Hasta entonces, guíese por la fecha de su papel.
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
finding-record-vanished = Su expediente dejó de aparecer. Lo tratamos como un problema por arreglar. Su caso puede seguir: vaya a toda fecha que tenga. Hable con un abogado.
finding-in-absentia = El expediente dice que usted faltó a una audiencia y que un juez ordenó su deportación. Puede haber formas de pedir que un juez lo revise. Los plazos son cortos. Hable ahora con un abogado.
finding-lawyer-first = Algo en su expediente necesita primero a un abogado. Hable con un abogado antes de preguntar o firmar algo. Tenga su dirección al día y vaya a toda cita de la corte.
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
finding-duties-clash = Dos de sus citas chocan. Faltar a la audiencia de la corte es lo más grave. Hable hoy con un abogado, antes de la primera.
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
finding-wrong-language = La corte puede traer al intérprete equivocado. Antes de la audiencia diga en la corte, por escrito si puede, qué idioma habla mejor. Vaya a la audiencia.
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.
finding-two-people = No estamos seguros de que este registro sea suyo. Por eso no lo leemos. Hable con un abogado: una persona nuestra puede ayudarle a encontrar uno.
    .sms = Tenemos noticias para usted. Llámenos.
