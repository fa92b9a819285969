# La hoja con los doce códigos. No dice quién la hizo ni para qué es: quien la encuentre no se entera de nada.

web-card-heading = Su tarjeta
web-card-keep = Guárdela en un lugar seguro, aparte de sus otros papeles. No se la enseñe a nadie ni mande fotos de ella.
web-card-how = Cuando le pidan un código, marque o escriba la fila y sus ocho cifras. Cada fila sirve una vez: táchela después. Si un código no sirve, marque o escriba la fila siguiente en la misma llamada o conversación.
web-card-lost = Si pierde esta tarjeta, pida otra en el mismo lugar. La anterior deja de servir enseguida.
web-card-row = Fila
web-card-digits = Ocho cifras
web-card-family = Varios de ustedes comparten esta tarjeta. Cada quien marca o escribe primero su propio número. La fila que use uno queda usada para todos: táchenla.
web-card-representative = Esta tarjeta abre lo que otras personas le han confiado, una a la vez. Marque o escriba primero el número de esa persona. Solo usted debe tenerla.
