"""Addresses of the keys."""

from __future__ import annotations

from django.urls import path

from kedang.entrypoints.web.keys import cards, changes, places, slots, status, typing

urlpatterns = [
    path("keeping/keys/", status.keys, name="keys"),
    path("keeping/keys/passphrase/", slots.passphrase, name="slot_passphrase"),
    path("keeping/keys/passphrase/<str:slot>/", slots.passphrase, name="slot_passphrase_replace"),
    path("keeping/keys/other/", slots.other, name="slot_other"),
    path("keeping/keys/slots/<str:slot>/remove/", slots.remove, name="slot_remove"),
    path("keeping/keys/cards/", cards.make, name="cards"),
    path("keeping/keys/cards/waiting/", cards.waiting, name="cards_waiting"),
    path("keeping/keys/cards/file/", cards.file, name="cards_file"),
    path("keeping/keys/cards/enforce/", cards.enforce, name="cards_enforce"),
    path("keeping/keys/cards/drop/", cards.drop, name="cards_drop"),
    path("keeping/keys/places/add/", places.add, name="place_add"),
    path("keeping/keys/places/refresh/", places.refresh, name="place_refresh"),
    path("keeping/keys/places/<int:number>/remove/", places.remove, name="place_remove"),
    path("keeping/keys/places/<int:number>/confirm/", places.confirm, name="place_confirm"),
    path("keeping/keys/change/", changes.rotate, name="keys_rotate"),
    path("keeping/keys/reseal/", changes.reseal, name="keys_reseal"),
    path("shares/", typing.shares, name="shares"),
    path("shares/word/", typing.word, name="share_word"),
    path("shares/card/", typing.card, name="share_card"),
]
