package org.satchel

/** What to do about it, so that an app can decide without reading texts. */
public val SatchelException.whatNow: WhatNow
    get() =
        when (this) {
            is SatchelException.InvalidInput -> WhatNow.CORRECT_FIELD
            is SatchelException.NotFound, is SatchelException.NotPossible -> WhatNow.LOOK_AT_STANDING
            is SatchelException.Locked -> WhatNow.OPEN_AGAIN
            is SatchelException.KeyUnavailable -> WhatNow.UNLOCK_DEVICE
            is SatchelException.KeyLost, is SatchelException.StoreDamaged -> WhatNow.SET_ASIDE
            is SatchelException.SchemaTooNew -> WhatNow.UPDATE_APP
            is SatchelException.DiskFull -> WhatNow.FREE_SPACE
            is SatchelException.NeedsSignIn -> WhatNow.SIGN_IN
            is SatchelException.Remote -> this.whatNow
            is SatchelException.Internal -> WhatNow.REPORT
        }
