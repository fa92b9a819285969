# Una persona, y lo que hay cuando nadie puede contestar.

person-wait = Estamos llamando a una persona para usted. Espere, por favor.
interpreter-wait = Espere, por favor. Buscamos a una persona que hable su idioma.
interpreter-none = Nadie que hable su idioma puede contestar ahora. Lo sentimos.
person-closed = Nuestro personal no trabaja a esta hora.
person-busy = Todo nuestro personal está ocupado ahora.
person-nobody = Nadie contestó. Lo sentimos.
no-person-ask = Podemos llamarle después, o puede dejar un mensaje.
callback-number-ask = ¿A qué número llamamos? Lo guardamos hasta llamarle, tres días como máximo.
phone-ask = Dé el número de teléfono con 10 dígitos.
    .voice = Marque el número de teléfono con diez dígitos.
callback-promised = Guardado. Una persona le va a llamar a ese número. Usted conserva su turno. Si contesta otra persona, no decimos nada de usted.
# Se dice a quien conteste: no cuenta nada de la línea ni de la persona.
callback-neutral = Hola. Es una llamada que alguien pidió. Espere un momento, por favor.
reminder-neutral = Hola. Tiene un mensaje. Llámenos y tenga su código a mano.
    .sms = Tiene un mensaje. Llámenos y tenga su código a mano.

callback-no-number = No tenemos un número para llamar. No guardamos nada.
callback-not-saved = No pudimos guardarlo. Nadie le va a llamar. Lo sentimos.
message-ask = Deje un mensaje. Nuestro personal lo oye. Al terminar, oprima #.
    .voice = Deje un mensaje. Nuestro personal lo oye. Al terminar, oprima la tecla de número.
message-record = Hable después del tono.
message-words-ask = Escriba su mensaje. Nuestro personal lo lee.
message-empty-ask = No había nada. ¿Intentar otra vez?
message-left = Su mensaje está guardado. Nuestro personal lo oye cuando vuelve al trabajo. Se borra tres días después de oírlo.
message-not-saved = No pudimos guardar su mensaje. Nadie lo va a oír. Lo sentimos.
