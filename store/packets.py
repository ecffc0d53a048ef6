"""What the MQTT codec does with a packet it cannot read, in one place for both who use it."""


def is_panic(error: BaseException) -> bool:
    """Whether the codec broke down over a packet, as it does over text that is not UTF-8.

    Its class is no Exception and can be imported from nowhere; uncaught it passes every handler of ours on its way to
    the event loop, and nobody is told what the broker did.
    """
    return type(error).__name__ == "PanicException"
