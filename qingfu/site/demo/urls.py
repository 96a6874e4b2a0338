from django.urls import path

from qingfu.site.demo import views

urlpatterns = [
    path("demo/", views.door, name="demo"),
    path("demo/<slug:key>/", views.enter, name="demo_enter"),
]
