# Mam, a lifeline language: recording slots. No sentence of Mam is written here that no speaker gave us.
#
# Fluent has no message without a text, so each slot below is a comment: the key and its meaning in English. A speaker
# says it in their own words and records it; what was said is then written here as
# `key = text`, and the recording goes into the prompt pack. Until then the checker lists the key as missing, and callers
# hear it in the language that `announced-in` of flows/policy.toml names.

language-mam = Mam

# press-for: { $label }: press { $key }.
# still-there: Are you still there?
# anyone-there: Hello? If you are there, say a word or press any key.
# not-understood: We did not understand that.
# person-hint: For a person, press zero at any time.
# urgent-hint: If it is urgent, press nine.
# agency-first: This line belongs to the government.
# greeting-name: We are { $name }.
# greeting-government: We are the government.
# greeting-not-government: We are not the government.
# greeting-free: This is free.
# greeting-no-name: You need not say your name.
# greeting-not-recorded: We do not record.
# greeting-telephone-open: Phone calls are not secret.
# interpreter-wait: Please wait. We are looking for a person who speaks your language.
# interpreter-none: No person who speaks your language can come now. We are sorry.
# no-person-ask: We can call you back, or you can leave a message.
# choose-callback: Call me back
# choose-message: Leave a message
# callback-promised: Saved. A person will call you at that number. You keep your place. If someone else picks up, we say nothing about you.
# message-ask: Leave a message. Our staff hear it. When you are done, press the pound key.
# message-record: Speak after the tone.
# message-words-ask: Write your message. Our staff read it.
# message-left: Your message is saved. Our staff hear it when they are next at work. It is deleted three days after that.
# message-not-saved: We could not save your message. Nobody will hear it. We are sorry.
# urgent-wait: We are calling a person for you now. Please wait.
# custody-first: Again: this phone may be recorded. Do not tell us facts of your case. You need no keys. You may stay silent and ask for a lawyer. Sign nothing without one.
# custody-nobody: Nobody picked up. We are sorry. We cannot call you back there. Call us again: you come back to this place.
# custody-message-ask: You can leave a message. Say no facts of your case. Our staff hear it when they are next at work.
# apology: Something went wrong on our side. We are sorry.
# goodbye: Thank you for calling. Goodbye.
