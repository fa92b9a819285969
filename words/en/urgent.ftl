# Key 9. Short, and first what matters most.

urgent-ask = Urgent. What is happening?
danger-now = If someone may hurt you now, call 911. It is free. 911 sends police, an ambulance or firefighters to where you are. They ask where you are. You need not say where you were born. If someone at home hurts you: 1-800-799-7233. If you cannot go on: 988. All are free, day and night.
    .sms = In danger: call 911, for police, ambulance or fire. It is free. If you cannot go on: 988. Call us to hear more.
    .voice = If someone may hurt you now, hang up and call nine one one. It is free. It sends police, an ambulance or firefighters to where you are. They ask where you are. You need not say where you were born. If someone at home hurts you: one, eight hundred, seven nine nine, seven two three three. If you cannot go on: nine eight eight. All are free, day and night.
rights = Stay calm. Do not run. You may stay silent. Say: I want a lawyer. Sign nothing. Do not lie. At home, keep the door closed. Ask them to slide under it a paper signed by a judge.
someone-detained = We are sorry. Do not tell us a name. If they call you: they may stay silent and ask for a lawyer. They should sign nothing without one. That phone may be recorded.
detained-steps = You can look for them yourself. Search on the internet for ICE detainee locator. You need the country where they were born, and their A-number or their full name. It can take a day to show. Have ready: their number, their papers, their medicines. A lawyer can ask for bond: money that lets some people wait at home. They may call their consulate. If children are alone, ask someone you trust to stay with them. Do not pay anyone who promises to get them out fast.
    .sms = Please call us to hear this.
    .voice = You can look for them yourself. Search on the internet for ice detainee locator. You need the country where they were born, and their A number or their full name. It can take a day to show. Have ready: their number, their papers, their medicines. A lawyer can ask for bond: money that lets some people wait at home. They may call their consulate. If children are alone, ask someone you trust to stay with them. Do not pay anyone who promises to get them out fast.
hearing-soon = If it is a court hearing, go, and go early. If you miss it, a judge can order you removed. If you are late or sick, call the court now, at the number on your paper, and keep proof. If it is a check-in with officers, talk to a lawyer before you go.
    .sms = Please call us to hear this.
urgent-wait = We are calling a person for you now. Please wait.
urgent-nobody = Nobody picked up just now. We are sorry. If you are in danger, call 911. It always answers. If you cannot go on, call 988. If you leave a message here, our staff hear it when they are next at work, not sooner.
    .voice = Nobody picked up just now. We are sorry. If you are in danger, call nine one one. It always answers. If you cannot go on, call nine eight eight. If you leave a message here, our staff hear it when they are next at work, not sooner.
danger-nobody = Nobody picked up here. Call 911 now if someone may hurt you. Someone at home hurts you: 1-800-799-7233. You cannot go on: 988. They answer day and night. A message here is heard only when our staff are next at work.
    .sms = Nobody picked up here. In danger: call 911. If you cannot go on: 988.
    .voice = Nobody picked up here. Call nine one one now if someone may hurt you. If someone at home hurts you: one, eight hundred, seven nine nine, seven two three three. If you cannot go on: nine eight eight. They answer day and night. A message here is heard only when our staff are next at work.
urgent-nobody-ask = What would you like now?
urgent-message-left = Your message is saved. Our staff hear it when they are next at work. If you are in danger before that, call 911.
    .voice = Your message is saved. Our staff hear it when they are next at work. If you are in danger before that, call nine one one.

# From inside.
custody-recorded = This phone may be recorded by the jail. Do not tell us facts of your case.
custody-first = Again: this phone may be recorded. Do not tell us facts of your case. You need no keys. You may stay silent and ask for a lawyer. Sign nothing without one.
custody-nobody = Nobody picked up. We are sorry. We cannot call you back there. Call us again: you come back to this place.
custody-message-ask = You can leave a message. Say no facts of your case. Our staff hear it when they are next at work.
