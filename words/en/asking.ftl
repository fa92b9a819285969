# How the line asks: keys, patience, reading back. Said by the engine in every flow.
# A message's value is the screen form; `.sms` and `.voice` are the others. Every text here is a draft.

press-for = { $label }: { $key }
    .sms = { $key }: { $label }
    .voice = { $label }: press { $key }.
press-key = { $key }
    .voice = Press { $key }.
press-pound = Then press #.
    .voice = Then press the pound key.
not-understood = We did not understand that.
still-there = Are you still there?
anyone-there = Hello? If you are there, say a word or press any key.
person-hint = For a person at any time: 0.
    .voice = For a person, press zero at any time.
urgent-hint = If it is urgent: 9.
    .voice = If it is urgent, press nine.
repeat-hint = To see this again: *.
    .voice = To hear this again, press star.
read-back-digits = You gave { $digits }.
    .sms = We have your number.
    .voice = You gave: { $digits }.
read-back-date = You gave { $date }.
    .sms = We have your date.
    .voice = You gave: { $date }.
read-back-time = You gave { $time }.
    .sms = We have your time.
    .voice = You gave: { $time }.
read-back-ask = Is that right?
apology = Something went wrong on our side. We are sorry.
line-closing = This line has to stop for a short time. We are sorry. Please call again in a few minutes.
not-possible-now = We could not do that now. Nothing was saved. We are sorry.
