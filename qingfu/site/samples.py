def design():
    return {}


def screen(name):
    return {}
