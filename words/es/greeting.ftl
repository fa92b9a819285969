# Quién contesta, según la identidad del operador; los idiomas; la primera pregunta.

agency-first = Esta línea es del gobierno.
greeting-name = Somos { $name }.
    .sms = Hola.
greeting-government = Somos el gobierno.
greeting-not-government = No somos el gobierno.
greeting-free = Es gratis.
greeting-no-name = No tiene que decir su nombre.
greeting-not-recorded = No grabamos.
greeting-telephone-open = Las llamadas no son secretas.
greeting-shares = Compartimos lo que usted dice con { $with }.
    .sms = Compartimos parte de lo que usted dice.
greeting-hears = { $who } puede oír las llamadas.
    .sms = Otros pueden oír las llamadas.

language-ask = Elija un idioma o espere.
choose-more-languages = Más idiomas

reason-ask = ¿Qué necesita?
more-ask = ¿Qué más podemos hacer?
anything-else-ask = ¿Algo más?
goodbye = Gracias por llamar. Adiós.
