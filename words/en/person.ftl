# A person, and what there is when nobody can come.

person-wait = We are calling a person for you. Please wait.
interpreter-wait = Please wait. We are looking for a person who speaks your language.
interpreter-none = No person who speaks your language can come now. We are sorry.
person-closed = Our people are not at work at this hour.
person-busy = All our people are busy now.
person-nobody = Nobody picked up. We are sorry.
no-person-ask = We can call you back, or you can leave a message.
callback-number-ask = Which number should we call? We keep it until we called you, three days at most.
phone-ask = Enter the phone number with 10 digits.
    .voice = Key the phone number with ten digits.
callback-promised = Saved. A person will call you at that number. You keep your place. If someone else picks up, we say nothing about you.
# Said to whoever picks up: it tells nothing about the line or the person.
callback-neutral = Hello. This is a call that somebody asked for. Please wait a moment.
reminder-neutral = Hello. You have a message. Please call us and have your code.
    .sms = You have a message. Call us and have your code.

callback-no-number = We have no number to call, so we saved nothing.
callback-not-saved = We could not save that. Nobody will call you back. We are sorry.
message-ask = Leave a message. Our staff hear it. When you are done, press #.
    .voice = Leave a message. Our staff hear it. When you are done, press the pound key.
message-record = Speak after the tone.
message-words-ask = Write your message. Our staff read it.
message-empty-ask = There was nothing in it. Try again?
message-left = Your message is saved. Our staff hear it when they are next at work. It is deleted three days after that.
message-not-saved = We could not save your message. Nobody will hear it. We are sorry.
